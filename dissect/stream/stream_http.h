/*
 * HTTP/1 as a layer: header blocks are looked at for an upgrade to WebSocket with SIP in it.
 */
#pragma once

#include "capture/slice.h"

/* Is the first line one of HTTP/1, or, when it is not whole, does a method of HTTP begin it? */
bool http_begins(Slice bytes);
