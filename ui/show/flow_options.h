/*
 * FlowOptions: how a ladder is shown; the words of the settings flow.* are in the same order.
 */
#pragma once

#include <stdbool.h>

#include "ui/show/format.h"

typedef enum {
  FLOW_SDP_OFF,
  FLOW_SDP_SHORT, /* codecs in the label */
  FLOW_SDP_LINES, /* a row below the message */
} FlowSdp;

typedef enum {
  FLOW_COLOR_MESSAGE, /* by method and status */
  FLOW_COLOR_CALL,
  FLOW_COLOR_TRANSACTION,
  FLOW_COLOR_DIALOG,
} FlowColor;

typedef struct {
  FlowSdp sdp;
  FlowColor color;
  TimeMode time;
  bool utc;
  bool fold;      /* copies into the message they are copies of */
  bool only_sdp;  /* leave out what has no session description */
  int64_t gap_ns; /* silence from so long on is a row; 0: none is */
} FlowOptions;
