/*
 * The words of findings: how endpoints, times, statuses and causes are written in a sentence.
 *
 * Texts are in the arena of the case.  What peers sent is quoted as it was, but shortened: it is
 * not safe for a terminal.
 */
#pragma once

#include "dissect/diagnose/call_case.h"
#include "dissect/sip/sip_reason.h"

/* A text as printf makes it, with the format translated. */
const char *say(const CallCase *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

const char *say_string(const CallCase *c, const GString *text);

/* "SBC:5060", or "192.0.2.1:5060" without an alias. */
const char *say_endpoint(const CallCase *c, uint32_t endpoint);

/* "350 ms", "3.2 s", "32 s", "5 min 3 s", "2 h 10 min". */
const char *say_span(const CallCase *c, int64_t ns);

/* "488 Not Acceptable Here", with the reason phrase that was sent. */
const char *say_status(CallCase *c, const Message *response);

/* "INVITE"; of a response: that of its request; "request" where that is not known. */
const char *say_method(const CallCase *c, const Message *message);

/* "once", "2 times" */
const char *say_times(const CallCase *c, uint32_t count);

/* The beginning of a text that a peer sent. */
const char *say_text(const CallCase *c, Slice text);

/* The caller or the callee: who sent that request of a dialog. */
const char *say_party(const Dialog *dialog, const Message *request);

/* Its sip_msg_reason; false if there is none. */
bool case_reason(CallCase *c, const Message *message, SipReason *ret_reason);

/* Details of the response or request that say more than its status: Reason, Warning, Retry-After:
 * "; Reason: Q.850 cause 34: no circuit available".  "" without. */
const char *say_details(CallCase *c, const Message *message);
