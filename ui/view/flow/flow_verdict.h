/*
 * FlowVerdict: what diagnosis says of the call of a ladder.
 *
 * Worked out again only when the call got a message, or now and then as the capture goes on.
 */
#pragma once

#include "dissect/query/field.h"
#include "ui/show/alias.h"
#include "ui/show/text.h"

typedef struct {
  FieldContext context;
  Arena scratch;
  const Aliases *aliases;  /* the names of the last look */
  uint32_t call, messages; /* looked at; call 0: none */
  int64_t now_ns, good_until_us;
  char *name; /* of the first finding: "ack-missing"; NULL: there is none */
  char *text; /* its sentence, safe */
} FlowVerdict;

void flow_verdict_init(FlowVerdict *verdict, const Trace *trace, const StoreSet *stores);
void flow_verdict_clear(FlowVerdict *verdict);

/* Sets name and text; `call` NULL: nothing is said. */
void flow_verdict_look(FlowVerdict *verdict, const Call *call, const Aliases *aliases,
                       TextCharset charset);
