#include "dissect/sip/gb_id.h"

#include <glib.h>

typedef struct {
  uint16_t code;
  const char *name;
} Name;

/* GB/T 2260, the first two digits. */
static const Name PROVINCES[] = {
  {11, "Beijing"},        {12, "Tianjin"},   {13, "Hebei"},     {14, "Shanxi"},
  {15, "Inner Mongolia"}, {21, "Liaoning"},  {22, "Jilin"},     {23, "Heilongjiang"},
  {31, "Shanghai"},       {32, "Jiangsu"},   {33, "Zhejiang"},  {34, "Anhui"},
  {35, "Fujian"},         {36, "Jiangxi"},   {37, "Shandong"},  {41, "Henan"},
  {42, "Hubei"},          {43, "Hunan"},     {44, "Guangdong"}, {45, "Guangxi"},
  {46, "Hainan"},         {50, "Chongqing"}, {51, "Sichuan"},   {52, "Guizhou"},
  {53, "Yunnan"},         {54, "Tibet"},     {61, "Shaanxi"},   {62, "Gansu"},
  {63, "Qinghai"},        {64, "Ningxia"},   {65, "Xinjiang"},  {71, "Taiwan"},
  {81, "Hong Kong"},      {82, "Macao"},
};

/* Table E.3, digits 9 and 10. */
static const Name INDUSTRIES[] = {
  {0, "public security, roads"},
  {1, "public security, communities"},
  {2, "public security, internal"},
  {3, "public security, other"},
  {4, "traffic, roads"},
  {5, "traffic, checkpoints"},
  {6, "traffic, internal"},
  {7, "traffic, other"},
  {8, "city administration"},
  {9, "health and environment"},
  {10, "inspection and customs"},
  {11, "education"},
  {40, "agriculture"},
  {41, "mining"},
  {42, "manufacturing"},
  {43, "metallurgy"},
  {44, "electric power"},
  {45, "gas"},
  {46, "construction"},
  {47, "logistics"},
  {48, "post"},
  {49, "information"},
  {50, "hotels and catering"},
  {51, "finance"},
  {52, "real estate"},
  {53, "business services"},
  {54, "water"},
  {55, "entertainment"},
};

/* Table E.1, digits 11 to 13. */
static const Name TYPES[] = {
  {111, "DVR"},
  {112, "video server"},
  {113, "encoder"},
  {114, "decoder"},
  {115, "video matrix"},
  {116, "audio matrix"},
  {117, "alarm controller"},
  {118, "NVR"},
  {119, "HVR"},
  {131, "camera"},
  {132, "IP camera"},
  {133, "display"},
  {134, "alarm input"},
  {135, "alarm output"},
  {136, "voice input"},
  {137, "voice output"},
  {138, "mobile transmitter"},
  {139, "other peripheral"},
  {200, "SIP server"},
  {201, "web server"},
  {202, "media server"},
  {203, "proxy"},
  {204, "security server"},
  {205, "alarm server"},
  {206, "database server"},
  {207, "GIS server"},
  {208, "management server"},
  {209, "access gateway"},
  {210, "media storage"},
  {211, "secure signalling gateway"},
  {215, "business group"},
  {216, "virtual organization"},
  {300, "platform user"},
  {400, "terminal user"},
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
      len += (gulong) g_snprintf(text + len, GB_ID_TEXT_MAX - len, "%s%s", len > 0 ? ", " : "",
                                 words[i]);
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
