package dev.handoff.customer;

/** Plays a customer from the command line. */
public final class CustomerCli {
    private CustomerCli() {}

    /** Prints how to use it. */
    public static void main(String[] args) {
        System.out.println("usage: java -jar handoff-customer.jar --url URL --from ADDRESS TEXT");
    }
}
