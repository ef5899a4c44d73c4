/*
 * Remarks: what users wrote about calls, a line each.  (What servers log of calls are Notes.)
 *
 * A call is known again by its Call-ID and the millisecond it began in, whatever capture it is read
 * from.
 */
#pragma once

#include "dissect/trace/message.h"

enum { REMARKS_MAX = 16 * 1024, REMARK_TEXT_MAX = 4096 };

typedef struct {
  int64_t start_ms;  /* since 1970, rounded down */
  Slice call_id;     /* as much as a call keeps, without NUL; may be absent */
  char *text;        /* UTF-8, without control characters */
  bool is_elsewhere; /* other notes, which stay as they are, have one on the call: once it is taken
                      * away, an empty text takes its place */
} Remark;

typedef struct Remarks Remarks;

Remarks *remarks_new(void);
void remarks_free(Remarks *remarks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Remarks, remarks_free)

/* Takes the place of the one before, and is elsewhere if that was; "" takes it away.  Copied,
 * without control characters; false when there are REMARKS_MAX. */
bool remarks_set(Remarks *remarks, const Remark *remark);
bool remarks_set_call(Remarks *remarks, const Call *call, const char *text);

/* NULL: none. */
const char *remarks_of(const Remarks *remarks, const Call *call);

size_t remarks_count(const Remarks *remarks);

/* In order of time, with the empty texts that take the place of what is elsewhere. */
void remarks_each(const Remarks *remarks, void (*each)(void *data, const Remark *remark),
                  void *data);
