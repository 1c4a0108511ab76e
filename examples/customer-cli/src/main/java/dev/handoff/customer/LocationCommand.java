package dev.handoff.customer;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "location",
        description = "Sends a place. South and west are negative; put -- before them.",
        footer = {
            "%nExamples:",
            "  handoff-customer location 48.2082 16.3738",
            "  handoff-customer location --label MASP --address 'Av. Paulista, 1578' -- -23.561399 -46.656178"
        })
final class LocationCommand extends SendingCommand {

    @Parameters(index = "0", paramLabel = "LATITUDE", description = "-90 to 90")
    private BigDecimal latitude = BigDecimal.ZERO;

    @Parameters(index = "1", paramLabel = "LONGITUDE", description = "-180 to 180")
    private BigDecimal longitude = BigDecimal.ZERO;

    @Option(names = "--label", paramLabel = "TEXT", description = "The place's name")
    private @Nullable String label;

    @Option(names = "--address", paramLabel = "TEXT", description = "The place's address")
    private @Nullable String address;

    LocationCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    List<Planned> plan(Deployment host, Customer customer) {
        if (latitude.abs().compareTo(BigDecimal.valueOf(90)) > 0
                || longitude.abs().compareTo(BigDecimal.valueOf(180)) > 0) {
            throw target().usage("there is no place at " + latitude + " " + longitude);
        }
        Form form = customer.location(latitude.toPlainString(), longitude.toPlainString(), label, address);
        return List.of(new Planned(host.message(Label.of("location", "", form), form), Expectation.TAKEN));
    }
}
