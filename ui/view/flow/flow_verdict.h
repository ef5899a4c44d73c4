/*
 * FlowVerdict: what diagnosis says of the call of a ladder: why it went as it did, the messages
 * that prove it, and the roles of its endpoints.
 *
 * Worked out again only when the call got a message, or now and then as the capture goes on.
 */
#pragma once

#include "dissect/diagnose/diagnosis.h"
#include "dissect/diagnose/role.h"
#include "ui/show/alias.h"
#include "ui/show/style.h"
#include "ui/show/text.h"

/* Messages that prove a finding, by number. */
typedef struct {
  uint32_t messages[FINDING_EVIDENCE_MAX];
  size_t count;
  Style style; /* to mark them with */
} FlowProof;

/* `finding` NULL: of nothing. */
FlowProof flow_proof_of(const Finding *finding);
bool flow_proof_has(const FlowProof *proof, const Message *message);

typedef struct {
  Diagnoser *diagnoser;
  Arena arena;
  const Aliases *aliases;  /* the names of the last look */
  uint32_t call, messages; /* looked at; call 0: none */
  int64_t now_ns, good_until_us;

  /* In the arena. */
  const char *name; /* of the finding: "ack-missing"; NULL: there is nothing to say */
  const char *text; /* its sentence, safe */
  FlowProof proof;
  RoleList roles;
} FlowVerdict;

void flow_verdict_init(FlowVerdict *verdict, const Trace *trace, const StoreSet *stores);
void flow_verdict_clear(FlowVerdict *verdict);

/* Sets what it says of the call; NULL: nothing. */
void flow_verdict_look(FlowVerdict *verdict, const Call *call, const Aliases *aliases,
                       TextCharset charset);
