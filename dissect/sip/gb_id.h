/*
 * Ids of platforms, devices and channels: 20 digits (GB/T 28181-2022 annex E): centre (8 digits:
 * province, city, county, unit), industry (2), type (3), network (1), serial number (6).
 */
#pragma once

#include "capture/slice.h"

enum { GB_ID_LEN = 20, GB_ID_TEXT_MAX = 128 };

/* NULL: the code has no name. */
typedef struct {
  unsigned type; /* 132 */
  const char *province, *industry, *type_name;
} GbId;

/* False if it is not 20 digits. */
bool gb_id_read(Slice id, GbId *ret_id);

/* "IP camera, Anhui, road surveillance"; returns `text`, empty where nothing has a name. */
const char *gb_id_format(const GbId *id, char text[GB_ID_TEXT_MAX]);

typedef enum {
  GB_ROLE_OTHER,
  GB_ROLE_PLATFORM, /* type 200: SIP server */
  GB_ROLE_DEVICE,   /* recorders, encoders, cameras on IP */
  GB_ROLE_CHANNEL,  /* cameras, alarms, voice */
} GbRole;

GbRole gb_id_role(const GbId *id);
