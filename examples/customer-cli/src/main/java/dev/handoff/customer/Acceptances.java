package dev.handoff.customer;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What a host has to take, as a customer and Twilio may really send it. */
final class Acceptances {

    private final Deployment host;
    private final Customer customer;
    private final List<Planned> planned = new ArrayList<>();

    private Acceptances(Deployment host, Customer customer) {
        this.host = host;
        this.customer = customer;
    }

    static List<Planned> of(Deployment host, Customer customer) {
        Acceptances acceptances = new Acceptances(host, customer);
        acceptances.deliveries();
        acceptances.texts();
        acceptances.kinds();
        acceptances.addresses();
        acceptances.statuses();
        return List.copyOf(acceptances.planned);
    }

    private void deliveries() {
        Form text = customer.text("olá, isto é um teste");
        stored("a text", text);
        stored("the same message again", text);
        stored(
                "the same message by way of the fallback URL",
                text.with("ErrorCode", "11200").with("ErrorUrl", host.message().signed()));
        Form withPort = customer.text("the port is in the signed URL, or is not");
        Delivery delivery = host.message("a message signed with the port put in, or left out", withPort);
        planned.add(new Planned(
                delivery.signature(
                        host.signature(PortInUrl.toggled(host.message().signed()), withPort)),
                Expectation.STORED));
    }

    private void texts() {
        stored("a text of 1600 characters", customer.text("çã".repeat(800)));
        stored("emoji of several code points", customer.text("👍🏽 👨‍👩‍👧‍👦 🇧🇷"));
        stored("what a form must escape", customer.text("a+b=c&d %2B \"é\" <b>\r\n\ttabs"));
        stored("nothing but white space", customer.text("  \n "));
        stored("an empty text", customer.text(""));
        stored("a parameter that is new", customer.text("new").with("SomethingNew", "1"));
        stored(
                "a parameter that comes twice",
                customer.text("twice").and("Twice", "b").and("Twice", "a"));
        stored("a body of exactly 64 KiB", Padding.to(64 * 1024, customer.text("large")));
    }

    private void kinds() {
        String files = "https://example.com/files/";
        stored("a picture without a text", customer.media("", List.of(files + "1.jpg")));
        stored(
                "three files in one message",
                customer.media("see these", List.of(files + "1.jpg", files + "2.png", files + "3.pdf")));
        stored("a location", customer.location("-23.561399", "-46.656178", "MASP", "Av. Paulista, 1578"));
        stored("a button reply", customer.button("Confirmar", "{\"confirm\":1}", Customer.newSid("MM")));
    }

    private void addresses() {
        stored(
                "a customer who hides the number",
                new Customer(customer.account(), "whatsapp:BR.1A2B3C4D5E", customer.to(), "Maria").text("oi"));
        stored(
                "a number of the host's that is new",
                new Customer(customer.account(), customer.from(), "whatsapp:+12025550199", customer.name()).text("oi"));
    }

    private void statuses() {
        String sid = Customer.newSid("SM");
        String query = "message=" + UUID.randomUUID() + "&attempt=" + UUID.randomUUID();
        noted("a status of a message that is unknown", sid, "sent", "");
        noted("a status with ids in the query", sid, "delivered", query);
        noted("the same status again", sid, "delivered", query);
        noted("a status that comes too late", sid, "sending", query);
        noted("a status in a word that is new", sid, "somewhere", query);
        StatusReport failed =
                new StatusReport(customer.account(), sid, "undelivered", customer.to(), customer.from(), 63016);
        planned.add(new Planned(host.status("a failure with its code", failed.form(), query), Expectation.NOTED));
    }

    private void stored(String label, Form form) {
        planned.add(new Planned(host.message(label, form), Expectation.STORED));
    }

    private void noted(String label, String sid, String word, String query) {
        Form form = new StatusReport(customer.account(), sid, word, customer.to(), customer.from(), null).form();
        planned.add(new Planned(host.status(label, form, query), Expectation.NOTED));
    }
}
