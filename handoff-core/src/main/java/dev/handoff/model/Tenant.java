package dev.handoff.model;

/** The tenant of hosts that have only one. Every read and every write names a tenant (I12). */
public final class Tenant {
    /** The tenant used where a host names none: {@value}. */
    public static final String DEFAULT = "default";

    private Tenant() {}
}
