package dev.handoff.customer;

import org.jspecify.annotations.Nullable;

/** How far a message of the host's has come, in Twilio's words. */
record StatusReport(
        String account,
        String sid,
        String status,
        String from,
        String to,
        @Nullable Integer errorCode) {

    Form form() {
        Form form = Form.empty()
                .with("SmsSid", sid)
                .with("SmsStatus", status)
                .with("MessageStatus", status)
                .with("To", to)
                .with("MessageSid", sid)
                .with("AccountSid", account)
                .with("From", from)
                .with("ApiVersion", "2010-04-01");
        return errorCode == null ? form : form.with("ErrorCode", String.valueOf(errorCode));
    }
}
