/*
 * The families of rules about signalling, a file each.  A rule adds a finding exactly when it is
 * due; one that is not certain adds nothing.
 */
#pragma once

#include "dissect/diagnose/call_case.h"

/* Requests that nothing answered: no-response, bye-unanswered. */
void silence_findings_add(CallCase *c, FindingList *list);
/* Did that request get no response, though its sender waited for one? */
bool silence_is_of(const CallCase *c, const CaseTransaction *ct);
/* A request that the server of this one forwarded, and that got no response; NULL if there is
 * none. */
const CaseTransaction *silence_downstream(const CallCase *c, const CaseTransaction *ct);

/* What became of the call: rejected, caller-cancelled, cancel-race, redirect-not-followed, and
 * those of registrations and subscriptions that were refused. */
void outcome_findings_add(CallCase *c, FindingList *list);

/* Explain a final response by more than its status; `origin`: the hop that had it first.  False if
 * they cannot. */
bool auth_findings_explain(CallCase *c, const CaseTransaction *origin, FindingList *list);
bool codec_findings_explain(CallCase *c, const CaseTransaction *origin, FindingList *list);
bool loop_findings_explain(CallCase *c, const CaseTransaction *origin, FindingList *list);

/* An answer that refuses all that was offered: no-common-codec. */
void codec_findings_add(CallCase *c, FindingList *list);

/* Lost acknowledgements: ack-missing, prack-missing. */
void ack_findings_add(CallCase *c, FindingList *list);

/* Requests to addresses that do not answer: contact-unreachable. */
void contact_findings_add(CallCase *c, FindingList *list);

/* Requests inside dialogs: dialog-unknown, reinvite-rejected, glare, fork-answered-twice. */
void dialog_findings_add(CallCase *c, FindingList *list);

/* How the dialog ended: session-expired, dropped, never-ended. */
void ending_findings_add(CallCase *c, FindingList *list);

/* transfer-failed. */
void transfer_findings_add(CallCase *c, FindingList *list);

/* Bindings over time, over Call-IDs: registration-lapsed, registration-flapping, binding-gone. */
void registration_findings_add(CallCase *c, FindingList *list);

/* subscription-terminated. */
void subscription_findings_add(CallCase *c, FindingList *list);

/* OPTIONS pings: peer-down, peer-up. */
void ping_findings_add(CallCase *c, FindingList *list);

/* What was sent again, and what took long: retransmissions, timer-violation, slow-setup. */
void resend_findings_add(CallCase *c, FindingList *list);

/* Route sets, Via stacks and numbers: route-ignored, via-mismatch, cseq. */
void route_findings_add(CallCase *c, FindingList *list);

/* What elements did to requests, and how those were sent: fork, spiral, merged, max-forwards,
 * header-changed, nat, udp-too-large, fragment-lost. */
void hop_findings_add(CallCase *c, FindingList *list);

/* GB/T 28181: gb-no-response, gb-partial, gb-bad-checksum, gb-offline, gb-keepalive-late,
 * gb-auth-loop, gb-ssrc-mismatch, gb-setup-role, gb-no-subject, gb-habits. */
void gb_findings_add(CallCase *c, FindingList *list);

/* Who signed for the caller: identity-invalid, identity-checked. */
void identity_findings_add(CallCase *c, FindingList *list);

/* Searches for servers, users, passwords and ways to telephone: scanner, enumeration,
 * registration-flood, toll-fraud. */
void attack_findings_add(CallCase *c, FindingList *list);

/* Offers and answers: no-answer-sdp, offer-answer. */
void offer_findings_add(CallCase *c, FindingList *list);
