#include "render/vtk/overlay.h"

#include <vtkActor2D.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper2D.h>
#include <vtkRenderer.h>
#include <vtkTextActor.h>
#include <vtkTextProperty.h>
#include <vtkTextRenderer.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace invado {

namespace {

void set_letters(vtkTextProperty* look, double pixels, bool bold) {
  look->SetFontFamilyToArial();
  look->SetFontSize(static_cast<int>(std::lround(pixels)));
  look->SetBold(bold);
}

// Without its last letter, which may be of several bytes.
std::string shorter(std::string words) {
  while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0) == 0x80) words.pop_back();
  if (!words.empty()) words.pop_back();
  return words;
}

}  // namespace

double Overlay::width(const std::string& words, double size, bool bold) const {
  vtkNew<vtkTextProperty> look;
  set_letters(look, size * scale_, bold);
  std::array<int, 4> box{};
  if (!vtkTextRenderer::GetInstance()->GetBoundingBox(look, words, box.data(), 72)) return 0;
  return (box[1] - box[0] + 1) / scale_;
}

void Overlay::text(const std::string& words, double x, double y, double size, Rgb colour, Align align, bool bold,
                   double room) {
  constexpr double smallest = 0.65;  // of the letters that are wanted
  std::string shown = words;
  if (const double wide = width(words, size, bold); wide > room) size *= std::max(room / wide, smallest);
  for (std::string begin = words; !begin.empty() && width(shown, size, bold) > 1.02 * room; shown = begin + "…")
    begin = shorter(begin);
  vtkNew<vtkTextActor> actor;
  actor->SetInput(shown.c_str());
  vtkTextProperty* look = actor->GetTextProperty();
  set_letters(look, size * scale_, bold);
  look->SetColor(colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
  if (align == Align::Middle)
    look->SetJustificationToCentered();
  else if (align == Align::Right)
    look->SetJustificationToRight();
  actor->SetDisplayPosition(static_cast<int>(std::lround(x * scale_)), static_cast<int>(std::lround(y * scale_)));
  renderer_->AddActor2D(actor);
}

void Overlay::boxes(const std::vector<Box>& boxes, const std::vector<Rgb>& colours) {
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> faces;
  vtkNew<vtkUnsignedCharArray> paint;
  paint->SetNumberOfComponents(3);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Box& box = boxes[i];
    std::array<vtkIdType, 4> ids{};
    std::size_t corner = 0;
    for (const auto& [x, y] : {std::array{box.left, box.low}, std::array{box.right(), box.low},
                               std::array{box.right(), box.high()}, std::array{box.left, box.high()}})
      ids[corner++] = points->InsertNextPoint(std::round(x * scale_), std::round(y * scale_), 0);
    faces->InsertNextCell(4, ids.data());
    const std::array<unsigned char, 3> rgb{colours[i].red, colours[i].green, colours[i].blue};
    paint->InsertNextTypedTuple(rgb.data());
  }
  vtkNew<vtkPolyData> drawing;
  drawing->SetPoints(points);
  drawing->SetPolys(faces);
  drawing->GetCellData()->SetScalars(paint);
  vtkNew<vtkPolyDataMapper2D> mapper;
  mapper->SetInputData(drawing);
  vtkNew<vtkActor2D> actor;
  actor->SetMapper(mapper);
  renderer_->AddActor2D(actor);
}

void Overlay::rectangle(const Box& box, Rgb colour) { boxes({box}, {colour}); }

void Overlay::frame(const Box& box, double thickness, Rgb colour) {
  const double t = thickness;
  boxes({{box.left, box.low, box.width, t},
         {box.left, box.high() - t, box.width, t},
         {box.left, box.low, t, box.height},
         {box.right() - t, box.low, t, box.height}},
        {4, colour});
}

void Overlay::gradient(const Box& box, bool upright, Rgb (*colour)(double fraction)) {
  constexpr int steps = 128;
  std::vector<Box> parts;
  std::vector<Rgb> colours;
  for (int i = 0; i < steps; ++i) {
    if (upright)
      parts.push_back({box.left, box.low + box.height * i / steps, box.width, box.height / steps});
    else
      parts.push_back({box.left + box.width * i / steps, box.low, box.width / steps, box.height});
    colours.push_back(colour((i + 0.5) / steps));
  }
  boxes(parts, colours);
}

}  // namespace invado
