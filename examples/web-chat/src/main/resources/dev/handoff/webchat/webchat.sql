-- The mailboxes of the web chat's visitors, beside the library's own tables; H2 and PostgreSQL alike.

CREATE TABLE IF NOT EXISTS webchat_visitor (
    tenant     varchar NOT NULL,
    visitor    varchar NOT NULL, -- the customer's address, a digest of a secret that is kept nowhere here
    last_place bigint  NOT NULL, -- of the newest message; whoever adds one holds this row locked until the commit
    delivered  bigint  NOT NULL, -- up to this place a widget has received everything
    seen       bigint  NOT NULL, -- up to this place the visitor has had everything before their eyes
    PRIMARY KEY (tenant, visitor)
);

CREATE TABLE IF NOT EXISTS webchat_message (
    tenant     varchar                     NOT NULL,
    visitor    varchar                     NOT NULL,
    place      bigint                      NOT NULL, -- dense from 1, committed in this order: a cursor passes over nothing
    message    varchar                     NOT NULL, -- the library's name for it
    attempt    varchar,                              -- by which attempt it came here; null for what the visitor wrote
    client_id  varchar,                              -- the widget's name for what the visitor wrote
    author     varchar                     NOT NULL,
    body       varchar                     NOT NULL,
    said_at    timestamp(6) with time zone NOT NULL,
    PRIMARY KEY (tenant, visitor, place),
    CONSTRAINT webchat_message_once UNIQUE (tenant, message)
)
