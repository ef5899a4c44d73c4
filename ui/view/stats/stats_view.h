/*
 * Stats view: counts of the whole input, or of the calls that are shown.
 */
#pragma once

#include "ui/view/host.h"

View *stats_view_new(Host *host);
