/*
 * CaptureProfile: what of all calls of a capture is compared with another one: outcomes, delays,
 * loss, causes, and the same numbers per trunk.  CaptureRow: one number of both.
 *
 * A profile outlives its trace.  Of trunks beyond METRIC_GROUPS_MAX there is one row for all.
 */
#pragma once

#include "dissect/diagnose/cause_groups.h"
#include "dissect/trace/call_audio.h"
#include "ui/show/metric_groups.h"

/* Means over the calls that have audio: of the worst stream of each. */
typedef struct {
  uint64_t calls, rated;
  double loss_percent, mos; /* sums */
} ProfileAudio;

typedef struct {
  Metrics all;
  MetricGroups *trunks;
  ProfileAudio audio;
  GHashTable *trunk_audio; /* MetricGroup * of `trunks` -> ProfileAudio *, where there is any */
  CauseGroups *causes;
} CaptureProfile;

CaptureProfile *capture_profile_new(void);
void capture_profile_free(CaptureProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureProfile, capture_profile_free)

/* The call that `context` looks at, what was found in it, and its audio. */
void capture_profile_add(CaptureProfile *profile, FieldContext *context,
                         const FindingList *findings, const CallAudio *audio);

/* clang-format off */
/* X-macro: id, name in JSON, heading. */
#define CAPTURE_AREAS(X)                                                                           \
  X(OUTCOMES, "outcomes", "Outcomes")                                                              \
  X(DELAYS, "delays", "Delays")                                                                    \
  X(MEDIA, "media", "Media")                                                                       \
  X(CAUSES, "causes", "Causes")                                                                    \
  X(TRUNKS, "trunks", "Trunks")
/* clang-format on */

typedef enum {
#define CAPTURE_AREA_ENUM(id, name, heading) CAPTURE_##id,
  CAPTURE_AREAS(CAPTURE_AREA_ENUM)
#undef CAPTURE_AREA_ENUM
    CAPTURE_AREA_COUNT,
} CaptureArea;

const char *capture_area_name(CaptureArea area);
const char *capture_area_heading(CaptureArea area);

typedef enum {
  CAPTURE_UNIT_TOTAL, /* of all calls, or attempts to register */
  CAPTURE_UNIT_COUNT, /* of those: a part */
  CAPTURE_UNIT_RATIO, /* 0 to 1 */
  CAPTURE_UNIT_NS,
  CAPTURE_UNIT_PERCENT,
  CAPTURE_UNIT_MOS,
} CaptureUnit;

typedef struct {
  CaptureArea area;
  Slice group; /* of a trunk: its name; not safe; else absent */
  Slice name;  /* "answered", "pdd_p90", "rejected 503 at 192.0.2.1:5060" */
  CaptureUnit unit;
  bool has[2]; /* false: there is nothing that it could be of */
  double values[2];
  double shares[2]; /* of CAPTURE_UNIT_COUNT: of the total of that capture, 0 to 1 */
} CaptureRow;

/* CaptureRow; texts are in the arena, which the profiles need not outlive. */
GArray *capture_compare(Arena *arena, const CaptureProfile *before, const CaptureProfile *after);
