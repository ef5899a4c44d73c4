/*
 * CallComparison: what differs between two calls: path, request, messages, answer, delays, media,
 * findings; and which difference explains that one call went worse.
 *
 * What differs in every call is left out (call_noise.h).  The explanation is inferred from the
 * status and the findings of the worse call: a status is about certain parts of a request (RFC 3261
 * 21).  Texts are slices of the profiles, which must outlive it, or in the arena; they are not safe
 * for a terminal.  The cost is bounded.
 */
#pragma once

#include "ui/show/call_profile.h"
#include "ui/show/format.h"

/* clang-format off */
/* X-macro: id, name in JSON, heading. */
#define COMPARE_AREAS(X)                                                                           \
  X(PATH, "path", "Path")                                                                          \
  X(REQUEST, "request", "Request")                                                                 \
  X(OFFER, "offer", "Body of the request")                                                         \
  X(MESSAGES, "messages", "Messages")                                                              \
  X(RESPONSE, "response", "Final response")                                                        \
  X(ANSWER, "answer", "Body of the final response")                                                \
  X(TIMING, "timing", "Timing")                                                                    \
  X(MEDIA, "media", "Media")                                                                       \
  X(FINDINGS, "findings", "Findings")
/* clang-format on */

typedef enum {
#define COMPARE_ENUM(id, name, heading) COMPARE_##id,
  COMPARE_AREAS(COMPARE_ENUM)
#undef COMPARE_ENUM
    COMPARE_AREA_COUNT,
} CompareArea;

const char *compare_area_name(CompareArea area);
const char *compare_area_heading(CompareArea area);

enum { COMPARE_ROWS_MAX = 400, COMPARE_NO_ROW = COMPARE_ROWS_MAX };

typedef struct {
  CompareArea area;
  Slice name;           /* "Supported", "m=audio", "post-dial delay" */
  Slice values[2];      /* of both calls; absent: the call has none */
  uint32_t messages[2]; /* that they are of; 0: of none */
} CompareRow;

typedef struct {
  const CallProfile *sides[2];
  CompareRow *rows;
  size_t count, left_out;
  bool is_compared[COMPARE_AREA_COUNT]; /* false: a call lacks what would be compared */
  size_t counts[COMPARE_AREA_COUNT];    /* differences */
  int worse;                            /* side that went worse; -1: both went alike */
  size_t explains;                      /* row; or COMPARE_NO_ROW */
  Slice why;                            /* it explains; or why nothing does */
} CallComparison;

CallComparison *call_compare(Arena *arena, const CallProfile *left, const CallProfile *right);
