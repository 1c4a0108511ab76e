package dev.handoff.customer;

/** A delivery, and which answer it should get. */
record Planned(Delivery delivery, Expectation expectation) {

    Outcome sendWith(HostClient client) throws InterruptedException {
        Answer answer = client.send(delivery);
        return new Outcome(delivery.label(), answer, expectation.objection(answer));
    }
}
