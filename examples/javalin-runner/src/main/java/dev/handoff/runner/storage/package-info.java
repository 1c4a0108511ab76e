/** Where conversations are kept: the database, its pool and its schema. */
@NullMarked
package dev.handoff.runner.storage;

import org.jspecify.annotations.NullMarked;
