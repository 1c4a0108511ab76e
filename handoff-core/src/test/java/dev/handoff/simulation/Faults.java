package dev.handoff.simulation;

/** How much goes wrong: chances of which each call draws one, or a number of strokes to be spent on any call, or nothing. */
final class Faults {
    private final Choices choices;
    private boolean byChance = true;
    private int strokes;

    Faults(Choices choices) {
        this.choices = choices;
    }

    /** From now on nothing fails but so many calls of the store, any of them. */
    void onlyStrokes(int number) {
        byChance = false;
        strokes = number;
    }

    /** From now on nothing fails. */
    void end() {
        onlyStrokes(0);
    }

    /** Whether this call fails, where one in so many does by chance. */
    boolean strike(int oneIn) {
        if (byChance) {
            return choices.oneIn(oneIn);
        }
        boolean struck = strokes > 0 && choices.oneIn(2);
        strokes -= struck ? 1 : 0;
        return struck;
    }

    /** Which of so many things happens by chance; else the first, the dull one. */
    int which(int of) {
        return byChance ? choices.below(of) : 0;
    }
}
