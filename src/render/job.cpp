#include "render/job.h"

#include <nlohmann/json.hpp>

namespace nlohmann {
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) { out = value ? json(*value) : json(nullptr); }
  static void from_json(const json& in, std::optional<T>& value) {
    if (in.is_null())
      value.reset();
    else
      value = in.get<T>();
  }
};
}  // namespace nlohmann

namespace invado {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Colouring, column, title, founders, types, types_named, range, least_width)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Look, view, azimuth, elevation, front, front_level, cut, cut_at, fibres, whole,
                                   true_spheres, dark)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Panel, snapshot, heading, colouring)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Frame, output, panels)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Job, width, height, place, beside, blood, domain, density_floor, columns, bars_by_row,
                                   title, look, colourings, frames, series, framed)

std::string job_text(const Job& job) {
  return nlohmann::json(job).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Job read_job(const std::string& text) { return nlohmann::json::parse(text).get<Job>(); }

}  // namespace invado
