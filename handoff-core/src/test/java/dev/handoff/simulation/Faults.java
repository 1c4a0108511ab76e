package dev.handoff.simulation;

/** How much goes wrong: one in so many calls, 0 for never. The world turns them off when it heals. */
final class Faults {
    private final Choices choices;
    private boolean on = true;

    Faults(Choices choices) {
        this.choices = choices;
    }

    void heal() {
        on = false;
    }

    boolean strike(int oneIn) {
        return on && choices.oneIn(oneIn);
    }

    /** Which of so many things happens; the first, the dull one, once the world has healed. */
    int which(int of) {
        return on ? choices.below(of) : 0;
    }
}
