/*
 * Where a message that was sent again was lost, by what was captured of it: on its hop, and on the
 * next one that it had to go (RFC 3261 16.7, 17).
 *
 * The texts are clauses that follow a sentence about the sendings, "" where nothing shows it.
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
