#include "render/vtk/window.h"

#include <fmt/core.h>
#include <vtkImageData.h>
#include <vtkJPEGWriter.h>
#include <vtkNew.h>
#include <vtkObject.h>
#include <vtkPNGWriter.h>
#include <vtkPointData.h>
#include <vtkRenderWindow.h>
#include <vtkRenderer.h>
#include <vtkRendererCollection.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/colour_range.h"
#include "base/named_colours.h"
#include "base/round_length.h"
#include "render/vtk/overlay.h"
#include "render/vtk/surfaces.h"

namespace invado {
namespace {

constexpr int finer = 2;  // drawn in so many pixels along each axis for one of the picture: smooth edges
constexpr Rgb white{255, 255, 255}, black{25, 25, 25}, dark_ground{16, 19, 24}, light_ink{225, 228, 232},
    grey{140, 140, 140};

void set_background(vtkRenderer* renderer, Rgb colour) {
  renderer->SetBackground(colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

// Each pixel of the picture is the mean of those that were drawn for it.
vtkNew<vtkImageData> averaged(const vtkUnsignedCharArray& pixels, int width, int height) {
  vtkNew<vtkImageData> picture;
  picture->SetDimensions(width, height, 1);
  picture->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  const unsigned char* from = const_cast<vtkUnsignedCharArray&>(pixels).GetPointer(0);
  auto* to = static_cast<unsigned char*>(picture->GetScalarPointer());
  const std::size_t row = std::size_t{3} * static_cast<std::size_t>(width * finer);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        int sum = finer * finer / 2;
        for (int i = 0; i < finer; ++i)
          for (int j = 0; j < finer; ++j)
            sum += from[static_cast<std::size_t>(y * finer + i) * row + 3 * static_cast<std::size_t>(x * finer + j) + c];
        *to++ = static_cast<unsigned char>(sum / (finer * finer));
      }
  return picture;
}

std::vector<std::byte> encoded(vtkImageData* picture, const std::string& name) {
  const auto bytes_of = [&](auto& writer) {
    writer.SetInputData(picture);
    writer.WriteToMemoryOn();
    writer.Write();
    const vtkUnsignedCharArray* result = writer.GetResult();
    const auto* begin = reinterpret_cast<const std::byte*>(const_cast<vtkUnsignedCharArray*>(result)->GetPointer(0));
    return std::vector<std::byte>(begin, begin + result->GetNumberOfValues());
  };
  if (name.ends_with(".jpg") || name.ends_with(".jpeg")) {
    vtkNew<vtkJPEGWriter> writer;
    writer->SetQuality(88);
    return bytes_of(*writer);
  }
  vtkNew<vtkPNGWriter> writer;
  writer->SetCompressionLevel(2);  // of shaded spheres: 2 to 8 % more bytes than with 6, in half the time
  return bytes_of(*writer);
}

// The length that the bar of a panel shows: round, at most a `share` of the panel. Where its words end.
double add_scale_bar(Overlay& overlay, const Layout& layout, std::size_t panel, double half_height, double share, Rgb ink) {
  const Box& seen = layout.panels[panel];
  const Box& place = layout.scale_bars[panel];
  const double um_per_pixel = 2 * half_height / seen.height;
  const double length = round_length(share * seen.width * um_per_pixel);
  if (!(length > 0)) return place.left;
  const Box bar{place.left, place.low + 0.28 * layout.font, length / um_per_pixel, 0.22 * layout.font};
  overlay.rectangle(bar, ink);
  const double words = bar.right() + 0.5 * layout.font;
  const std::string text = fmt::format("{:g} µm", length);
  overlay.text(text, words, place.low, 0.9 * layout.font, ink, Align::Left, false, place.right() - words);
  return words + overlay.width(text, 0.9 * layout.font);
}

void add_bar(Overlay& overlay, const Layout& layout, const Box& bar, const std::string& title, std::array<double, 2> range,
             Beyond beyond, Rgb (*colour)(double), Rgb ink) {
  const double line = layout.font, letters = 0.85 * line;
  const bool upright = bar.height > bar.width;
  overlay.gradient(bar, upright, colour);
  overlay.frame(bar, 0.5, grey);
  const auto [low, high] = range;
  // The ends first: where numbers would meet, those between are left out.
  std::vector<BarLabel> ticks = bar_labels(range, beyond);
  if (ticks.size() > 2) std::rotate(ticks.begin() + 1, ticks.end() - 1, ticks.end());
  std::vector<std::array<double, 2>> taken;
  for (const auto& [tick, label] : ticks) {
    const double share = (tick - low) / (high - low);
    const double at = upright ? bar.low + share * bar.height : bar.left + share * bar.width;
    const double half = 0.5 * (upright ? 1.1 * letters : overlay.width(label, letters) + 0.5 * letters);
    if (std::ranges::any_of(taken, [&](const auto& t) { return at - half < t[1] && t[0] < at + half; })) continue;
    taken.push_back({at - half, at + half});
    if (upright) {
      overlay.rectangle({bar.right(), at - 0.5, 0.3 * line, 1}, ink);
      overlay.text(label, bar.right() + 0.5 * line, at - 0.36 * letters, letters, ink);
    } else {
      overlay.rectangle({at - 0.5, bar.low - 0.25 * line, 1, 0.25 * line}, ink);
      overlay.text(label, at, bar.low - 1.15 * line, letters, ink, Align::Middle);
    }
  }
  if (!upright) {
    overlay.text(title, bar.left + 0.5 * bar.width, bar.low - 1.15 * line - 1.1 * line, letters, ink, Align::Middle, false,
                 1.25 * bar.width);
    return;
  }
  // Upright bars have narrow room above: a word a line.
  std::vector<std::string> lines{""};
  std::size_t begin = 0;
  while (begin <= title.size()) {
    const std::size_t end = std::min(title.find(' ', begin), title.size());
    const std::string word = title.substr(begin, end - begin);
    if (lines.back().size() + word.size() + 1 > 12 && !lines.back().empty()) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    begin = end + 1;
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    overlay.text(lines[i], bar.left, bar.high() + 0.9 * line + static_cast<double>(lines.size() - 1 - i) * 1.15 * letters,
                 letters, ink, Align::Left, false, layout.width - bar.left);
}

// Colours that stand for names: a patch and a word each, beside one another under a panel, one below the other at its right.
void add_legend(Overlay& overlay, const Layout& layout, const Box& bar, const Colouring& colouring, Rgb ink) {
  const double line = layout.font, letters = 0.85 * line;
  const bool upright = bar.height > bar.width;
  std::vector<std::string> names = colouring.types_named;
  if (colouring.founders) names.assign(clone_colours, "");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto k = static_cast<double>(i), n = static_cast<double>(names.size());
    const double pitch = std::min(1.6 * line, (bar.height - 1.2 * line) / n);
    const Box patch = upright ? Box{bar.left, bar.high() - 1.2 * line - (k + 1) * pitch, line, 0.8 * pitch}
                              : Box{bar.left + k * bar.width / n, bar.low, line, bar.height};
    overlay.rectangle(patch, type_colour(i));
    const double words = patch.right() + 0.4 * line;
    const double room = upright ? layout.width - words : bar.width / n - line - 0.6 * line;
    overlay.text(names[i], words, patch.low, upright ? std::min(letters, pitch) : letters, ink, Align::Left, false, room);
  }
  const std::string title = colouring.founders ? "A colour per founder" : "Type of cells";
  if (!upright) {
    overlay.text(title, bar.left + 0.5 * bar.width, bar.low - 1.15 * line - 1.1 * line, letters, ink, Align::Middle, false,
                 1.25 * bar.width);
  } else if (colouring.founders) {  // eight patches without names need words
    overlay.text("A colour", bar.left, bar.high() + 1.15 * letters, letters, ink);
    overlay.text("per founder", bar.left, bar.high(), letters, ink);
    overlay.text("(8 shared)", bar.left, bar.high() - 1.15 * letters, letters, ink);
  } else {
    overlay.text(title, bar.left, bar.high(), letters, ink);
  }
}

// Under each of the sites that stand side by side.
void add_labels(Overlay& overlay, const Layout& layout, std::size_t panel, const PanelAt& shown, const Setting& setting,
                Rgb ink) {
  const double letters = layout.label_font();
  const Box &seen = layout.panels[panel], &below = layout.labels[panel];
  for (std::size_t s = 0; s < shown.sites.size(); ++s) {
    const Moment& site = shown.sites[s];
    const Vec3 middle = 0.5 * (site.box[0] + site.box[1]);
    const double x =
        seen.left + 0.5 * seen.width + dot(middle - setting.camera.focus, setting.camera.axes.right) / setting.pixel;
    const double room = setting.label_widths[s] / setting.pixel;
    double low = below.high();
    for (const std::vector<std::string>* parts : {&site.label, &site.stages_label})
      for (const std::string& line : wrapped(*parts, room / layout.label_letter())) {
        low -= layout.label_line();
        overlay.text(line, x, low + 0.3 * letters, letters, ink, Align::Middle, false, (1 + 0.5 * row_gap) * room);
      }
  }
}

struct KeyEntry {
  std::string name;
  std::optional<Rgb> colour{};  // none: a word for what follows
};

// As a translucent surface, its two sides, looks before a ground.
Rgb translucent(Rgb colour, Rgb ground) {
  const auto half = [](int a, int b) { return static_cast<std::uint8_t>((a + b) / 2); };
  return {half(colour.red, ground.red), half(colour.green, ground.green), half(colour.blue, ground.blue)};
}

// What there is to see beside cells, and what its colours mean.
std::vector<KeyEntry> key_of(const Job& job, const Drawn& drawn, Rgb ground) {
  std::vector<KeyEntry> key;
  if (!job.beside.empty() && job.colourings.at(0).of_names())
    key = {{"Cells in organs: the same colours"}};
  else if (!job.beside.empty())
    key = {{"Cells in organs:"},
           {"growing", state_colour(Dormancy::None)},
           {"waiting", state_colour(Dormancy::Waiting)},
           {"dormant", state_colour(Dormancy::Dormant)}};
  if (drawn.bone) key.push_back({"bone", translucent(bone_colour, ground)});
  if (drawn.membrane) key.push_back({"membrane", membrane_colour});
  if (drawn.vessels) key.push_back({"vessel", tube_colour(false)});
  if (drawn.sprouts) key.push_back({"sprout", tube_colour(true)});
  return key;
}

// Once, at the right end below the last panel, and beyond `left_end`; smaller where that is too narrow, and left out where
// nobody could read it.
void add_key(Overlay& overlay, const Layout& layout, const std::vector<KeyEntry>& key, double left_end, Rgb ink) {
  constexpr double smallest = 0.6;
  const Box& below = layout.scale_bars.back();
  double line = layout.font;
  const auto width_of = [&](const KeyEntry& entry) {
    return (entry.colour ? 1.0 * line : 0) + overlay.width(entry.name, 0.85 * line);
  };
  const auto gap = [&] { return 0.7 * line; };
  double whole = 0;
  for (const KeyEntry& entry : key) whole += width_of(entry) + gap();
  const double scale = std::min(1.0, (below.right() - left_end) / whole);
  if (scale < smallest) return;
  line *= scale;
  double right = below.right();
  for (auto entry = key.rbegin(); entry != key.rend(); ++entry) {
    const double left = right - width_of(*entry);
    if (entry->colour) overlay.rectangle({left, below.low + 0.05 * line, 0.7 * line, 0.7 * line}, *entry->colour);
    overlay.text(entry->name, left + (entry->colour ? 1.0 * line : 0), below.low + 0.12 * line, 0.85 * line, ink);
    right = left - gap();
  }
}

// Where the plane lies.
std::string plane_of(const Job& job, const Setting& setting) {
  if (!setting.cut_at) return {};
  const std::string plane =
      fmt::format("{} = {:.4g} µm", "xyz"[static_cast<std::size_t>(*setting.look.cut)], *setting.cut_at);
  if (!job.beside.empty()) return "Tumour cut open at " + plane;
  return setting.look.view == View::Plane ? "Section at " + plane : "Cut open: what lies before " + plane + " is not shown";
}

// What surfaces and strokes are; also when there are none to see.
std::string surfaces_of(const Look& look, const Drawn& drawn) {
  const double percent = 100 * look.front_level;
  if (look.front == ShownFront::Cells)
    return drawn.front ? fmt::format("Grey surface: smoothed density {:.2g} of cells that touch others", look.front_level)
                       : "No surface in sight around cells that touch others";
  if (look.front == ShownFront::Density)
    return drawn.front ? fmt::format("Brown surface: {:.3g} % of the digestible collagen is left", percent)
                       : fmt::format("No surface in sight where {:.3g} % of the digestible collagen is left", percent);
  if (look.fibres)
    return drawn.strokes
               ? fmt::format("Strokes: fibres in the plane, longer where more aligned (none below {:g})", least_alignment)
               : fmt::format("No strokes: fibres in the plane are aligned by less than {:g}", least_alignment);
  return {};
}

// What numbers under sites count.
std::string counts_of(const Job& job) {
  return job.beside.empty() ? "" : "Numbers are weights, with cells in capillaries; drawn are all heads in the tissue";
}

std::string caption_of(const Job& job, const Setting& setting, const Drawn& drawn) {
  std::string caption;
  for (const std::string& part : {surfaces_of(setting.look, drawn), plane_of(job, setting), counts_of(job)})
    caption += (caption.empty() || part.empty() ? "" : ". ") + part;
  return caption;
}

}  // namespace

struct Window::State {
  vtkNew<vtkRenderWindow> window;
};

Window::Window(const Layout& layout) : layout_(layout), state_(std::make_unique<State>()) {
  vtkRenderWindow* window = state_->window;
  const char* const display = std::getenv("DISPLAY");
  if (window->IsA("vtkXOpenGLRenderWindow") != 0 && (display == nullptr || *display == '\0'))
    throw Error(
        Exit::NotFound,
        "invado render: this VTK draws with an X server, and there is none. Without a screen it starts one of its own, "
        "Xvfb: apt-get install xvfb");
  window->SetOffScreenRendering(1);
  window->SetMultiSamples(0);
  window->SetDPI(72);
  window->SetSize(layout.width * finer, layout.height * finer);
}

Window::~Window() = default;

std::vector<std::byte> Window::draw(const Job& job, const std::vector<PanelAt>& panels, const Setting& setting,
                                    const Frame& frame) {
  vtkRenderWindow* window = state_->window;
  window->GetRenderers()->RemoveAllItems();
  window->SetNumberOfLayers(2);
  const Rgb ground = job.look.dark ? dark_ground : white, ink = job.look.dark ? light_ink : black;
  vtkNew<vtkRenderer> letters;
  letters->SetLayer(1);
  letters->InteractiveOff();
  vtkNew<vtkRenderer> under;  // paints the ground between the panels
  set_background(under, ground);
  window->AddRenderer(under);
  const Layout& at = layout_;
  Overlay overlay(letters, finer);
  if (at.title.width > 0)
    overlay.text(job.title, at.title.left, at.title.low, 1.15 * at.font, ink, Align::Left, true, at.title.width);
  Drawn drawn;
  for (std::size_t i = 0; i < frame.panels.size(); ++i) {
    const Box& box = at.panels[i];
    vtkNew<vtkRenderer> renderer;
    renderer->SetViewport(box.left / at.width, box.low / at.height, box.right() / at.width, box.high() / at.height);
    set_background(renderer, ground);
    draw_scene(renderer, panels[i].sites, job.colourings[frame.panels[i].colouring], setting, drawn);
    window->AddRenderer(renderer);
    // Over the first panel of a row alone stands what belongs to all of it.
    const bool alone = i + 1 == frame.panels.size() || panels[i + 1].heading.empty();
    overlay.text(panels[i].heading, at.headings[i].left, at.headings[i].low, at.font, ink, Align::Left, false,
                 (alone ? at.width : at.headings[i].right()) - at.headings[i].left);
    if (!at.labels.empty()) add_labels(overlay, at, i, panels[i], setting, ink);
  }
  const std::vector<KeyEntry> key = key_of(job, drawn, ground);
  const double share = key.empty() ? 0.25 : 0.18;  // the key needs the place
  double end = 0;
  for (std::size_t i = 0; i < frame.panels.size(); ++i)
    end = add_scale_bar(overlay, at, i, setting.camera.half_height, share, ink);
  if (!key.empty()) add_key(overlay, at, key, end, ink);
  for (std::size_t b = 0; b < at.bars.size(); ++b) {
    const std::size_t panel = job.bars_by_row ? b * job.columns : b;
    const Colouring& colouring = job.colourings[frame.panels[panel].colouring];
    if (colouring.range && !colouring.of_names())
      add_bar(overlay, at, at.bars[b], colouring.title, *colouring.range, colouring.beyond, viridis, ink);
    else
      add_legend(overlay, at, at.bars[b], colouring, ink);
  }
  for (const Box& bar : at.second_bars)
    add_bar(overlay, at, bar, "Collagen (mg/ml)", {0, setting.densest}, {}, collagen, ink);
  if (at.caption.width > 0)
    overlay.text(caption_of(job, setting, drawn), at.caption.left, at.caption.low, 0.85 * at.font, ink, Align::Left, false,
                 at.caption.width);
  window->AddRenderer(letters);
  window->Render();
  vtkNew<vtkUnsignedCharArray> pixels;
  window->GetPixelData(0, 0, at.width * finer - 1, at.height * finer - 1, 0, pixels);
  return encoded(averaged(*pixels, at.width, at.height), frame.output);
}

}  // namespace invado
