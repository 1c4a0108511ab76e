package dev.handoff.jdbi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2 files under the scheme {@code cut:}, to which nothing more is written from some write on: what then lies there is
 * what a process leaves that was killed at that write.
 *
 * <p>H2 makes these objects itself and knows them by their class, so that what is left is said for all of them at once.
 */
public final class CutOffFile extends FilePathWrapper {
    private static final AtomicLong LEFT = new AtomicLong(Long.MAX_VALUE);

    static void register() {
        FilePath.register(new CutOffFile());
    }

    /** From now on this many writes are carried out, and none after them. */
    static void cutAfter(long writes) {
        LEFT.set(writes);
    }

    static boolean isCut() {
        return LEFT.get() < 0;
    }

    @Override
    public String getScheme() {
        return "cut";
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Channel(super.open(mode));
    }

    private static final class Channel extends FileBaseDefault {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        private static void count() throws IOException {
            if (LEFT.decrementAndGet() < 0) {
                throw new IOException("cut off");
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            count();
            return file.write(source, position);
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            count();
            file.truncate(size);
        }

        @Override
        public void force(boolean metaData) {
            // The machine goes on when a process is killed, and what it was given with it.
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
