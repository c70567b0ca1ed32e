// Surfaces around cells and in the matrix, and sections through it.
#pragma once

#include <vtkSmartPointer.h>

#include <span>

#include "io/snapshot_read.h"
#include "io/snapshot_section.h"
#include "render/framing.h"
#include "render/tubes.h"

class vtkImageData;
class vtkPolyData;

namespace invado {

// Where the smoothed density of cells, sum of exp(-|x - x_i|^2 / (2 R_i^2)), has this level: the surface that series.csv
// measures (analysis/cell_surface.h) has exp(-1/2), at which a cell alone is enclosed by its own sphere.
// Its grid is at least `finest` [um] wide, which is what can be seen, as long as it resolves the cells; R_i is at least what
// it resolves, or small cells would show through.
inline constexpr double front_reach = 3;  // radii, beyond which a cell counts for less than e^-4.5
[[nodiscard]] vtkSmartPointer<vtkPolyData> cell_front(std::span<const Sphere> cells, double level, double finest);

// Where this share is left of what proteases could remove at the start, the density above `floor`. Open where it meets
// places in which there was nothing to remove: a surface there would be an edge of the start, not of what was eaten.
[[nodiscard]] vtkSmartPointer<vtkPolyData> eaten_surface(const LatticeAt& now, const LatticeAt& start, double floor,
                                                         double share);

// Where the lattice has this kind of tissue; closed at the faces of the lattice.
[[nodiscard]] vtkSmartPointer<vtkPolyData> tissue_surface(const LatticeAt& tissue, int kind);

// Around each triangle of a surface; and the surface of those triangles alone that are wanted.
[[nodiscard]] std::vector<Sphere> spheres_around(vtkPolyData* surface);
[[nodiscard]] vtkSmartPointer<vtkPolyData> triangles_of(vtkPolyData* surface, const std::vector<bool>& wanted);

// Walls of the vessels of the start, or of sprouts, with balls at their joints.
[[nodiscard]] vtkSmartPointer<vtkPolyData> tube_walls(std::span<const Tube> tubes, bool sprouts);
// What a plane meets of them, just before it.
[[nodiscard]] vtkSmartPointer<vtkPolyData> tube_sections(std::span<const Tube> tubes, bool sprouts, int axis, double at,
                                                         const Camera& camera);

// A section through the density (io/snapshot_section.h), and where it lies.
[[nodiscard]] vtkSmartPointer<vtkImageData> section_picture(const LatticeSection& section, double densest);
[[nodiscard]] vtkSmartPointer<vtkPolyData> section_rectangle(const LatticeSection& section);
// Strokes along the fibres, the longest and widest where they are most aligned, just before the plane.
inline constexpr double least_alignment = 0.25;  // in the plane, for a stroke: below, it would be a dot
[[nodiscard]] vtkSmartPointer<vtkPolyData> fibre_strokes(const LatticeAt& fibre, const LatticeSection& section,
                                                         const Camera& camera);

}  // namespace invado
