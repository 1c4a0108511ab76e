package dev.handoff.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The named values of one kind of row, in the names under which the SQL speaks of them. */
final class Shape<T> {

    /** Reads one value of a row. */
    @FunctionalInterface
    interface Value<T> {
        @Nullable
        Object of(T row);
    }

    record Column<T>(String name, ColumnType type, Value<T> value) {}

    private final List<Column<T>> columns = new ArrayList<>();

    Shape<T> with(String name, ColumnType type, Value<T> value) {
        columns.add(new Column<>(name, type, value));
        return this;
    }

    Shape<T> text(String name, Value<T> value) {
        return with(name, ColumnType.TEXT, value);
    }

    Shape<T> uuid(String name, Value<T> value) {
        return with(name, ColumnType.UUID, value);
    }

    Shape<T> number(String name, Value<T> value) {
        return with(name, ColumnType.LONG, value);
    }

    Shape<T> integer(String name, Value<T> value) {
        return with(name, ColumnType.INT, value);
    }

    Shape<T> flag(String name, Value<T> value) {
        return with(name, ColumnType.FLAG, value);
    }

    Shape<T> time(String name, Value<T> value) {
        return with(name, ColumnType.TIME, value);
    }

    /** The same values, of something that has such a row. */
    <S> Shape<S> of(Function<S, T> part) {
        Shape<S> shape = new Shape<>();
        for (Column<T> column : columns) {
            shape.with(column.name(), column.type(), whole -> column.value().of(part.apply(whole)));
        }
        return shape;
    }

    List<Column<T>> columns() {
        return columns;
    }
}
