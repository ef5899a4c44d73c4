/*
 * DeviceText: the devices of GB/T 28181 and what happened to them in words, for the command and the
 * screens alike.
 *
 * Texts may quote what was sent: they are not safe for a terminal.
 */
#pragma once

#include "dissect/diagnose/gb_devices.h"
#include "ui/show/format.h"

typedef struct {
  const GbDevices *devices;
  Clock *clock;
} DeviceText;

/* "platform", "device", "channel", "other" */
const char *device_role_name(const GbDevice *device);

/* "IP camera, Anhui, road surveillance; Hikvision DS-2CD; version 3.0; registered ..." */
void device_append_facts(const DeviceText *text, const GbDevice *device, GString *to);

/* "10:00:00.123  Catalog: 4 of 4 items in 2 messages; message 12"; of a device other than `page`
 * with its name. */
void device_append_event(const DeviceText *text, const GbDeviceEvent *event, const GbDevice *page,
                         GString *to);

/* What is beyond the limits or could not be read, in a sentence; appends nothing if that is
 * nothing. */
void device_append_left_out(const GbDevices *devices, GString *to);
