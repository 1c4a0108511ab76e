package dev.handoff.simulation;

/** How much goes wrong: one in so many calls, 0 for never. The world turns them off when it heals. */
final class Faults {
    private final Choices choices;
    private boolean on = true;
    private int left = Integer.MAX_VALUE;

    Faults(Choices choices) {
        this.choices = choices;
    }

    /** Nothing fails but so many calls of the store, any of them. */
    void atMost(int strikes) {
        on = false;
        left = strikes;
    }

    void heal() {
        left = 0;
        on = false;
    }

    boolean strike(int oneIn) {
        if (on) {
            return choices.oneIn(oneIn);
        }
        boolean struck = left > 0 && left < Integer.MAX_VALUE && choices.oneIn(2);
        left -= struck ? 1 : 0;
        return struck;
    }

    /** Which of so many things happens; the first, the dull one, once the world has healed. */
    int which(int of) {
        return on ? choices.below(of) : 0;
    }
}
