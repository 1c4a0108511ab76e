package dev.handoff.runner.e2e;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The wire between one process and a server on this machine: it passes on what comes, until a test troubles it. It knows
 * enough of what is said to break at the worst moments. Closing it cuts every connection and ends its threads.
 */
final class Wire implements AutoCloseable {

    /** What passes on a wire that is worth breaking it at. */
    enum Moment {
        NOTHING,
        /** A client of PostgreSQL commits. */
        COMMIT,
        /** A client of PostgreSQL asks for the end of a statement: where nothing else commits, this does. */
        STATEMENT,
        /** A message is handed to Twilio. */
        SEND
    }

    /** A piece of what a client says. */
    private record Piece(byte[] bytes, Moment moment) {}

    /** Cuts what one client says into pieces. */
    private interface Pieces {
        /** Null when nothing more comes. */
        Piece next(DataInputStream in) throws IOException;
    }

    private final int target;
    private final Supplier<Pieces> pieces;
    private final ServerSocket server;
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        return thread;
    });

    // Guarded by this.
    private boolean refuses;
    private boolean held;
    private long delayNanos;
    private Moment cutAt = Moment.NOTHING;
    private boolean cutBefore;
    private int cuts;

    private Wire(int target, Supplier<Pieces> pieces) {
        this.target = target;
        this.pieces = pieces;
        try {
            this.server = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException("no port for a wire", e);
        }
        threads.execute(this::accept);
    }

    static Wire toPostgres(int port) {
        return new Wire(port, PostgresPieces::new);
    }

    static Wire toHttp(int port) {
        return new Wire(port, () -> Wire::httpPiece);
    }

    int port() {
        return server.getLocalPort();
    }

    /** Every connection that is open is reset. */
    void reset() {
        lines.forEach(Line::cut);
    }

    /** Connections are reset, those that are open and those that come. */
    synchronized void cutOff() {
        refuses = true;
        reset();
    }

    /** Nothing passes any more, and nobody is told. */
    synchronized void hold() {
        held = true;
    }

    synchronized void delay(Duration each) {
        delayNanos = each.toNanos();
    }

    /** The connection on which this passes next is reset: before it passes, or when its answer comes. */
    synchronized void cutAt(Moment moment, boolean before) {
        cutAt = moment;
        cutBefore = before;
        cuts = 0;
    }

    /** How often it was cut at the moment that was named last. */
    synchronized int cuts() {
        return cuts;
    }

    /** All is well again. What was held back goes on its way, or is lost with its connection. */
    synchronized void heal(boolean heldIsLost) {
        if (held && heldIsLost) {
            reset();
        }
        refuses = false;
        held = false;
        delayNanos = 0;
        cutAt = Moment.NOTHING;
        notifyAll();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        heal(true);
        reset();
        threads.shutdownNow();
    }

    private synchronized boolean refuses() {
        return refuses;
    }

    private enum Cut {
        NO,
        BEFORE,
        ANSWER
    }

    private synchronized Cut cutNow(Moment passing) {
        if (passing == Moment.NOTHING || passing != cutAt) {
            return Cut.NO;
        }
        cutAt = Moment.NOTHING;
        cuts++;
        return cutBefore ? Cut.BEFORE : Cut.ANSWER;
    }

    private void awaitPassage(Line line) throws IOException, InterruptedException {
        long delay;
        synchronized (this) {
            while (held && !line.isCut) {
                wait();
            }
            delay = delayNanos;
        }
        if (delay > 0) {
            LockSupport.parkNanos(delay);
        }
        if (line.isCut) {
            throw new IOException("cut");
        }
    }

    /** While nothing passes, the client does not hear either that the server has gone. */
    private synchronized void awaitNews(BooleanSupplier isOver) {
        while (held && !isOver.getAsBoolean()) {
            try {
                wait();
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (refuses()) {
                    client.setSoLinger(true, 0);
                    client.close();
                    continue;
                }
                threads.execute(() -> connect(client));
            } catch (IOException | RejectedExecutionException e) {
                if (!server.isClosed()) {
                    throw new IllegalStateException("the wire takes no more connections", e);
                }
            }
        }
    }

    private void connect(Socket client) {
        Socket far;
        try {
            far = new Socket(InetAddress.getByName("127.0.0.1"), target);
        } catch (IOException nobodyThere) {
            awaitNews(server::isClosed);
            abort(client);
            return;
        }
        Line line = new Line(client, far);
        lines.add(line);
        if (server.isClosed() || refuses()) {
            line.cut();
            return;
        }
        try {
            threads.execute(line::back);
        } catch (RejectedExecutionException closed) {
            line.cut();
            return;
        }
        line.forth();
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closedAlready) {
            // then there is nobody to be told
        }
        try {
            socket.close();
        } catch (IOException closedAlready) {
            // as it should be
        }
    }

    private final class Line {
        private final Socket client;
        private final Socket far;
        private volatile boolean isCut;
        private volatile boolean answerIsLost;

        Line(Socket client, Socket far) {
            this.client = client;
            this.far = far;
        }

        void cut() {
            isCut = true;
            lines.remove(this);
            abort(client);
            abort(far);
            synchronized (Wire.this) {
                Wire.this.notifyAll();
            }
        }

        void forth() {
            try {
                client.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
                OutputStream out = new BufferedOutputStream(far.getOutputStream(), 65_536);
                Pieces said = pieces.get();
                for (Piece piece = said.next(in); piece != null; piece = said.next(in)) {
                    awaitPassage(this);
                    switch (cutNow(piece.moment)) {
                        case BEFORE -> {
                            return;
                        }
                        case ANSWER -> answerIsLost = true;
                        case NO -> {}
                    }
                    out.write(piece.bytes);
                    if (in.available() == 0) {
                        out.flush();
                    }
                }
            } catch (IOException gone) {
                // one side has gone: so does the other
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } finally {
                cut();
            }
        }

        void back() {
            try {
                InputStream in = far.getInputStream();
                OutputStream out = client.getOutputStream();
                byte[] buffer = new byte[65_536];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    awaitPassage(this);
                    if (answerIsLost) {
                        return;
                    }
                    out.write(buffer, 0, n);
                }
            } catch (IOException gone) {
                // one side has gone: so does the other, once it may be told
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } finally {
                awaitNews(() -> isCut);
                cut();
            }
        }
    }

    private static Piece httpPiece(DataInputStream in) throws IOException {
        byte[] buffer = new byte[16_384];
        int n = in.read(buffer);
        if (n < 0) {
            return null;
        }
        boolean sends = n >= 5 && new String(buffer, 0, 5, StandardCharsets.US_ASCII).equals("POST ");
        return new Piece(Arrays.copyOf(buffer, n), sends ? Moment.SEND : Moment.NOTHING);
    }

    /** The messages of PostgreSQL's protocol; a prepared COMMIT is known by the name under which it was parsed. */
    private static final class PostgresPieces implements Pieces {
        private static final int LONGEST = 64 << 20;

        private final Set<String> commits = new HashSet<>();
        private boolean started;

        @Override
        public Piece next(DataInputStream in) throws IOException {
            int type = started ? in.read() : 0;
            if (type < 0) {
                return null;
            }
            int length = in.readInt();
            if (length < 4 || length > LONGEST) {
                throw new IOException("not what PostgreSQL's clients say");
            }
            byte[] body = in.readNBytes(length - 4);
            ByteBuffer whole = ByteBuffer.allocate((started ? 1 : 0) + length);
            if (started) {
                whole.put((byte) type);
            } else {
                // Version 3 of the protocol; before it, clients may ask for encryption.
                started = body.length >= 4 && body[1] == 3 && body[0] == 0;
            }
            whole.putInt(length).put(body);
            return new Piece(whole.array(), type == 0 ? Moment.NOTHING : moment((char) type, body));
        }

        private Moment moment(char type, byte[] body) {
            switch (type) {
                case 'P' -> {
                    String name = text(body, 0);
                    if (isCommit(text(body, end(body, 0) + 1))) {
                        commits.add(name);
                    } else {
                        commits.remove(name);
                    }
                    return Moment.NOTHING;
                }
                case 'B' -> {
                    return commits.contains(text(body, end(body, 0) + 1)) ? Moment.COMMIT : Moment.NOTHING;
                }
                case 'Q' -> {
                    return isCommit(text(body, 0)) ? Moment.COMMIT : Moment.STATEMENT;
                }
                case 'S' -> {
                    return Moment.STATEMENT;
                }
                default -> {
                    return Moment.NOTHING;
                }
            }
        }

        private static boolean isCommit(String query) {
            return query.strip().equalsIgnoreCase("COMMIT");
        }

        private static String text(byte[] body, int from) {
            return new String(body, from, end(body, from) - from, StandardCharsets.UTF_8);
        }

        private static int end(byte[] body, int from) {
            int end = from;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            return end;
        }
    }
}
