#include "dissect/sip/gb_id.h"

#include "capture/language.h"

#include <glib.h>

typedef struct {
  uint16_t code;
  const char *name;
} Name;

/* GB/T 2260, the first two digits. */
static const Name PROVINCES[] = {
  {11, N_("Beijing")},   {12, N_("Tianjin")},        {13, N_("Hebei")},
  {14, N_("Shanxi")},    {15, N_("Inner Mongolia")}, {21, N_("Liaoning")},
  {22, N_("Jilin")},     {23, N_("Heilongjiang")},   {31, N_("Shanghai")},
  {32, N_("Jiangsu")},   {33, N_("Zhejiang")},       {34, N_("Anhui")},
  {35, N_("Fujian")},    {36, N_("Jiangxi")},        {37, N_("Shandong")},
  {41, N_("Henan")},     {42, N_("Hubei")},          {43, N_("Hunan")},
  {44, N_("Guangdong")}, {45, N_("Guangxi")},        {46, N_("Hainan")},
  {50, N_("Chongqing")}, {51, N_("Sichuan")},        {52, N_("Guizhou")},
  {53, N_("Yunnan")},    {54, N_("Tibet")},          {61, N_("Shaanxi")},
  {62, N_("Gansu")},     {63, N_("Qinghai")},        {64, N_("Ningxia")},
  {65, N_("Xinjiang")},  {71, N_("Taiwan")},         {81, N_("Hong Kong")},
  {82, N_("Macao")},
};

/* Table E.3, digits 9 and 10. */
static const Name INDUSTRIES[] = {
  {0, N_("public security, roads")},
  {1, N_("public security, communities")},
  {2, N_("public security, internal")},
  {3, N_("public security, other")},
  {4, N_("traffic, roads")},
  {5, N_("traffic, checkpoints")},
  {6, N_("traffic, internal")},
  {7, N_("traffic, other")},
  {8, N_("city administration")},
  {9, N_("health and environment")},
  {10, N_("inspection and customs")},
  {11, N_("education")},
  {40, N_("agriculture")},
  {41, N_("mining")},
  {42, N_("manufacturing")},
  {43, N_("metallurgy")},
  {44, N_("electric power")},
  {45, N_("gas")},
  {46, N_("construction")},
  {47, N_("logistics")},
  {48, N_("post")},
  {49, N_("information")},
  {50, N_("hotels and catering")},
  {51, N_("finance")},
  {52, N_("real estate")},
  {53, N_("business services")},
  {54, N_("water")},
  {55, N_("entertainment")},
};

/* Table E.1, digits 11 to 13. */
static const Name TYPES[] = {
  {111, N_("DVR")},
  {112, N_("video server")},
  {113, N_("encoder")},
  {114, N_("decoder")},
  {115, N_("video matrix")},
  {116, N_("audio matrix")},
  {117, N_("alarm controller")},
  {118, N_("NVR")},
  {119, N_("HVR")},
  {131, N_("camera")},
  {132, N_("IP camera")},
  {133, N_("display")},
  {134, N_("alarm input")},
  {135, N_("alarm output")},
  {136, N_("voice input")},
  {137, N_("voice output")},
  {138, N_("mobile transmitter")},
  {139, N_("other peripheral")},
  {200, N_("SIP server")},
  {201, N_("web server")},
  {202, N_("media server")},
  {203, N_("proxy")},
  {204, N_("security server")},
  {205, N_("alarm server")},
  {206, N_("database server")},
  {207, N_("GIS server")},
  {208, N_("management server")},
  {209, N_("access gateway")},
  {210, N_("media storage")},
  {211, N_("secure signalling gateway")},
  {215, N_("business group")},
  {216, N_("virtual organization")},
  {300, N_("platform user")},
  {400, N_("terminal user")},
};

static const char *name_of(const Name *names, size_t count, unsigned code)
{
  for (size_t i = 0; i < count; i++)
    if (names[i].code == code)
      return names[i].name;
  return NULL;
}

static unsigned digits_at(Slice id, size_t at, size_t count)
{
  unsigned value = 0;

  for (size_t i = at; i < at + count; i++)
    value = value * 10 + (unsigned) (id.data[i] - '0');
  return value;
}

bool gb_id_read(Slice id, GbId *ret_id)
{
  if (id.len != GB_ID_LEN)
    return false;
  for (size_t i = 0; i < id.len; i++)
    if (!g_ascii_isdigit(id.data[i]))
      return false;
  unsigned type = digits_at(id, 10, 3);
  *ret_id = (GbId){
    .type = type,
    .province = name_of(PROVINCES, G_N_ELEMENTS(PROVINCES), digits_at(id, 0, 2)),
    .industry = name_of(INDUSTRIES, G_N_ELEMENTS(INDUSTRIES), digits_at(id, 8, 2)),
    .type_name = name_of(TYPES, G_N_ELEMENTS(TYPES), type),
  };
  return true;
}

const char *gb_id_format(const GbId *id, char text[GB_ID_TEXT_MAX])
{
  const char *const words[] = {id->type_name, id->province, id->industry};
  gulong len = 0;

  text[0] = '\0';
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (words[i])
      len += (gulong) g_snprintf(text + len, GB_ID_TEXT_MAX - len, "%s%s", len > 0 ? _(", ") : "",
                                 _(words[i]));
  return text;
}

GbRole gb_id_role(const GbId *id)
{
  if (id->type == 200)
    return GB_ROLE_PLATFORM;
  if ((id->type >= 111 && id->type <= 130) || id->type == 132)
    return GB_ROLE_DEVICE;
  return id->type >= 131 && id->type <= 139 ? GB_ROLE_CHANNEL : GB_ROLE_OTHER;
}
