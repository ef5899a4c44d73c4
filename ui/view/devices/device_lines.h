/* What the list of devices and the page of one share. */
#pragma once

#include "dissect/diagnose/gb_devices.h"
#include "ui/view/host.h"

/* How a state is drawn. */
Style device_state_style(GbDeviceState state);

/* The page of one device (index): it keeps copies of what it shows. */
View *device_view_new(Host *host, const GbDevices *devices, uint32_t device);
