package dev.handoff.runner.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.function.BooleanSupplier;

/** Whether the process lives, and whether it can do its work. */
public final class HealthRoutes implements Routes {
    private final Gate gate;
    private final BooleanSupplier workersRun;
    private final BooleanSupplier databaseAnswers;

    public HealthRoutes(Gate gate, BooleanSupplier workersRun, BooleanSupplier databaseAnswers) {
        this.gate = gate;
        this.workersRun = workersRun;
        this.databaseAnswers = databaseAnswers;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/healthz", ctx -> Json.answer(ctx, 200, Json.object().put("status", "alive")));
        routes.get("/readyz", this::ready);
    }

    private void ready(Context ctx) {
        boolean started = gate.isOpen() && workersRun.getAsBoolean();
        boolean database = started && databaseAnswers.getAsBoolean();
        ObjectNode json = Json.object();
        json.put("status", database ? "ready" : "not ready");
        json.put("workers", started);
        json.put("database", database);
        Json.answer(ctx, database ? 200 : 503, json);
    }
}
