/** The store on H2 and PostgreSQL, with its SQL, its schema, and transactions shared with the host. */
@NullMarked
package dev.handoff.jdbi;

import org.jspecify.annotations.NullMarked;
