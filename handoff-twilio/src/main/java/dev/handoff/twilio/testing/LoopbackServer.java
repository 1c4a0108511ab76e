package dev.handoff.twilio.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on a loopback port, a thread a connection. When {@link #close} returns, its connections are cut and its threads have ended. On plain sockets because a connection has to be cut at the worst
 * moments, which {@code com.sun.net.httpserver} does not offer.
 */
final class LoopbackServer implements AutoCloseable {

    /** Answers a request, or returns null to cut the connection without a word. */
    interface Handler {
        @Nullable
        Reply handle(Request request) throws InterruptedException;
    }

    record Request(String method, String target, Map<String, String> headers, byte[] body) {
        /** By lower-case name. */
        @Nullable
        String header(String name) {
            return headers.get(name);
        }
    }

    record Reply(int status, Map<String, String> headers, byte[] body) {}

    private final ServerSocket server;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fake-twilio-" + port());
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param port 0 for a free one
     * @throws IOException if the port is taken
     */
    LoopbackServer(int port, Handler handler) throws IOException {
        this.handler = handler;
        this.server = new ServerSocket(port, 1_024, InetAddress.getLoopbackAddress());
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
        try {
            // The kernel holds the port for as long as a thread is still on its way out of accept().
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IOException("a handler does not end, though it was interrupted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                open.add(socket);
                if (server.isClosed()) {
                    // close() may have looked at the open ones before this one was among them.
                    socket.close();
                    return;
                }
                threads.execute(() -> serve(socket));
            } catch (IOException | RejectedExecutionException e) {
                if (!server.isClosed()) {
                    throw new IllegalStateException("the fake can accept no more connections", e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Request request = read(in); request != null; request = read(in)) {
                Reply reply = handler.handle(request);
                if (reply == null) {
                    socket.setSoLinger(true, 0);
                    return;
                }
                out.write(bytes(reply));
                out.flush();
                if ("close".equalsIgnoreCase(request.header("connection"))) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client went away: its right, and what tests of time-outs make it do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String requestLine = line(in);
        if (requestLine == null) {
            return null;
        }
        String[] parts = requestLine.split(" ");
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new IOException("no HTTP request, perhaps TLS: " + requestLine.length() + " characters");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
                headers.put(name, header.substring(colon + 1).strip());
            }
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("half a request");
        }
        return new Request(parts[0], parts[1], headers, body);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** In one piece: a header and a body in two packets would wait for each other's acknowledgement. */
    private static byte[] bytes(Reply reply) {
        StringBuilder head =
                new StringBuilder("HTTP/1.1 ").append(reply.status()).append(" -\r\n");
        reply.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(reply.body().length).append("\r\n\r\n");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        whole.writeBytes(reply.body());
        return whole.toByteArray();
    }
}
