/*
 * Calls view: the list of calls, at the bottom of the stack.
 */
#pragma once

#include "ui/view/host.h"

View *calls_view_new(Host *host);
