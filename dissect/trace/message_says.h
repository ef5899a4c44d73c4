/*
 * What a message has that somebody may ask for later (MESSAGE_SAYS_...).  A bit may be set where a
 * closer look finds nothing; where it is not set, there is nothing to be found.
 */
#pragma once

#include "dissect/net/endpoint.h"
#include "dissect/sip/sip_msg.h"
#include "dissect/trace/message.h"

/* For bits that only a closer look at a request can tell; it costs a fiftieth of loading, and pays
 * where every call is diagnosed.  Without it they are set. */
typedef struct {
  bool is_close;
  bool begins_call; /* it is the first message of its call */
} SaysLook;

/* `src`: where it came from. */
uint16_t message_says(const SipMsg *sip, const Endpoint *src, SaysLook look);
