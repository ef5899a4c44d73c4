/*
 * Findings of a call's media: what its offers and answers agreed on, against the RTP that came.
 *
 * A rule that is not certain adds nothing; a finding whose evidence may be incomplete is weakened.
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "dissect/trace/call_audio.h"

/* Hosts of the RTP streams of the whole capture, as it grows. */
typedef struct MediaHosts MediaHosts;

MediaHosts *media_hosts_new(const Trace *trace);
void media_hosts_free(MediaHosts *hosts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaHosts, media_hosts_free)

/* As capture_index_update. */
void media_hosts_update(MediaHosts *hosts);

/* What the rules look at. */
typedef struct {
  const Trace *trace;
  const Call *call;
  const MediaCall *media; /* NULL: it has no session descriptions */
  const GArray *streams;  /* CallStream */
  MediaHosts *hosts;
} MediaCase;

void media_findings_add(const MediaCase *media_case, FindingList *list);
