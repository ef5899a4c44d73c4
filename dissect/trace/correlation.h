/*
 * Correlation: the ids by which servers say which call a message that they copied belongs to (HEP
 * chunk 17), which need not be its Call-ID.  Each is kept once per call.
 */
#pragma once

#include "dissect/trace/message.h"

enum {
  CORRELATIONS_MAX = 16,     /* of one call; messages with others have none */
  CORRELATION_LEN_MAX = 256, /* bytes that are kept */
};

struct Correlation {
  Correlation *next; /* in the call */
  Slice id;
};

/* What Message.correlation is to be: the place of that id among those of the call, from 1; 0: it is
 * empty, or one too many. */
uint8_t correlation_add(Call *call, Slice id);

/* Of a message that was copied; empty when it has none. */
Slice correlation_of(const Message *message);
