/** Web chat as a channel: a widget for any page, a socket for it, and a mailbox for each visitor in the database. */
@NullMarked
package dev.handoff.webchat;

import org.jspecify.annotations.NullMarked;
