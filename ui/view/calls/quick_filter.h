/*
 * Quick filter view: the dialog of kinds and outcomes that the call list shows.
 */
#pragma once

#include "ui/view/host.h"

View *quick_filter_view_new(Host *host);
