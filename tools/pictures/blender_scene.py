"""Run inside Blender: import a .glb, put floor, light and a camera to it, and render a frame.

blender --background --python blender_scene.py -- FILE.glb PICTURE.jpg FRAME
"""

import sys
from math import radians

import bpy
import numpy
from mathutils import Vector

# Debian 12 pairs Blender 3.4 with a numpy that no longer has what its importer uses.
numpy.bool = bool  # type: ignore[misc, assignment]

FPS = 30
LOOK_FROM = Vector(
    (-1.6, -6.4, 1.9)
)  # relative to the middle of the persons; the video's camera is towards -y
AIM_M = 0.85

path, picture, frame = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps = FPS
bpy.ops.import_scene.gltf(filepath=path)
scene.frame_set(int(frame))

armatures = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
places = [each.matrix_world @ each.pose.bones["pelvis"].head for each in armatures]
middle = sum(places, Vector()) / len(places)
middle.z = 0

bpy.ops.mesh.primitive_plane_add(size=60, location=middle)
ground = bpy.data.materials.new("ground")
ground.use_nodes = True
ground.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.16, 0.17, 0.19, 1)
ground.node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value = 0.9
bpy.context.object.data.materials.append(ground)

bpy.ops.object.light_add(type="SUN", rotation=(radians(50), radians(-15), radians(-30)))
bpy.context.object.data.energy = 2.5
bpy.context.object.data.angle = radians(3)
scene.world = bpy.data.worlds.new("sky")
scene.world.use_nodes = True
scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.6, 0.7, 0.85, 1)
scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.45

aim = middle + Vector((0, 0, AIM_M))
bpy.ops.object.camera_add(location=middle + LOOK_FROM)
scene.camera = bpy.context.object
scene.camera.rotation_euler = (aim - scene.camera.location).to_track_quat("-Z", "Y").to_euler()

scene.render.engine = "CYCLES"
scene.cycles.device = "CPU"
scene.cycles.samples = 128
scene.cycles.use_denoising = False
scene.view_settings.view_transform = "Standard"
scene.render.resolution_x, scene.render.resolution_y = 960, 480
scene.render.image_settings.file_format = "JPEG"
scene.render.image_settings.quality = 88
scene.render.filepath = picture
bpy.ops.render.render(write_still=True)
