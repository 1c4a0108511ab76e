package dev.handoff.customer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A loopback port of the operator's choice that leads to another one: the fake of Twilio takes whichever port is free, but a
 * host is configured before it starts. Bytes pass as they are. Two threads a connection; whichever side ends closes both.
 */
final class Relay implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param port 0 for a free one
     * @throws IOException if the port is taken
     */
    Relay(int port, int target) throws IOException {
        this.server = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
        this.target = target;
        threads.execute(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                open.add(near);
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(far);
                threads.execute(() -> pass(near, far));
                threads.execute(() -> pass(far, near));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new IllegalStateException("the relay can accept no more connections", e);
                }
            }
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One side went away: the other is closed too, which is all that can be passed on.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }
}
