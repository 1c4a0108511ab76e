package dev.handoff.internal;

import dev.handoff.store.ConversationStore;
import dev.handoff.store.StoreUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A store with somebody in between who may delay, refuse or lose what is asked of it. */
final class TroubledStore {
    private TroubledStore() {}

    /** Asked instead of the store. */
    @FunctionalInterface
    interface Trouble {
        Object call(String method, Object[] arguments, Real real) throws Throwable;
    }

    /** The store's own answer. */
    @FunctionalInterface
    interface Real {
        Object answer(Object... arguments) throws Throwable;
    }

    static ConversationStore around(ConversationStore store, Trouble trouble) {
        return (ConversationStore) Proxy.newProxyInstance(
                TroubledStore.class.getClassLoader(),
                new Class<?>[] {ConversationStore.class},
                (proxy, method, arguments) -> {
                    Object[] given = arguments == null ? new Object[0] : arguments;
                    return trouble.call(method.getName(), given, changed -> {
                        try {
                            return method.invoke(store, changed);
                        } catch (InvocationTargetException thrown) {
                            throw thrown.getCause();
                        }
                    });
                });
    }

    /** A trouble with commits only. */
    static ConversationStore commits(ConversationStore store, Trouble trouble) {
        return around(
                store,
                (method, arguments, real) ->
                        method.equals("commit") ? trouble.call(method, arguments, real) : real.answer(arguments));
    }

    static StoreUnavailableException down() {
        return new StoreUnavailableException("the store is down", new IllegalStateException("connection refused"));
    }

    /** The next commit is made, and nobody hears of it, once this is set. */
    static Trouble losingTheAnswerToACommit(AtomicBoolean next) {
        return (method, arguments, real) -> {
            Object answer = real.answer(arguments);
            if (method.equals("commit") && next.getAndSet(false)) {
                throw down();
            }
            return answer;
        };
    }

    @SuppressWarnings("unchecked")
    static <T> List<T> listOf(Object argument) {
        return (List<T>) argument;
    }
}
