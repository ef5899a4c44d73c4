/*
 * Where a message that was sent again was lost, judged by what was captured on its own hop and on
 * the next one (RFC 3261 16.7, 17).
 *
 * Each returns a clause to append to a sentence about the retransmissions; "" if the capture does
 * not show it.
 */
#pragma once

#include "dissect/diagnose/call_case.h"

/* Of a request. */
const char *loss_of_request(CallCase *c, const CaseTransaction *ct, const Message **ret_proof);

/* Of a response; `last` is its newest sending. */
const char *loss_of_response(CallCase *c, const Message *response, const Message *last,
                             const Message **ret_proof);

/* Was anything of the call captured that one host sent to the other?  Then what is missing there
 * was not sent, or was lost before. */
bool loss_could_be_seen(const CallCase *c, uint32_t from, uint32_t to);
