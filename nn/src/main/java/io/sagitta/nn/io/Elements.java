package io.sagitta.nn.io;

import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.Safetensors.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Conversions between Java arrays and the little-endian bytes of a tensor. */
final class Elements {
  private Elements() {}

  static float[] toFloats(Entry entry) {
    ByteBuffer data = entry.data();
    float[] out = new float[entry.size()];
    switch (entry.type()) {
      case F32 -> data.asFloatBuffer().get(out);
      case F16 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = HalfFloats.fromHalf(data.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = HalfFloats.fromBfloat(data.getShort());
        }
      }
      default -> throw entry.misfit("F32, F16 or BF16");
    }
    return out;
  }

  static double[] toDoubles(Entry entry) {
    double[] out = new double[entry.size()];
    switch (entry.type()) {
      case F64 -> entry.data().asDoubleBuffer().get(out);
      case F32, F16, BF16 -> {
        float[] narrow = toFloats(entry);
        for (int i = 0; i < out.length; i++) {
          out[i] = narrow[i];
        }
      }
      default -> throw entry.misfit("F64, F32, F16 or BF16");
    }
    return out;
  }

  static long[] toLongs(Entry entry) {
    ByteBuffer data = entry.data();
    Type type = entry.type();
    long[] out = new long[entry.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (type) {
            case I64 -> data.getLong();
            case I32 -> data.getInt();
            case I16 -> data.getShort();
            case I8 -> data.get();
            case U8 -> data.get() & 0xFF;
            case BOOL -> data.get() == 0 ? 0 : 1;
            default -> throw entry.misfit("I64, I32, I16, I8, U8 or BOOL");
          };
    }
    return out;
  }

  static ByteBuffer fromFloats(String name, Type type, float[] values) {
    ByteBuffer data = room(type, values.length);
    switch (type) {
      case F32 -> data.asFloatBuffer().put(values);
      case F16 -> {
        for (float value : values) {
          data.putShort(HalfFloats.toHalf(value));
        }
      }
      case BF16 -> {
        for (float value : values) {
          data.putShort(HalfFloats.toBfloat(value));
        }
      }
      default -> throw misuse(name, "F32, F16 or BF16", type);
    }
    return data.rewind();
  }

  static ByteBuffer fromDoubles(double[] values) {
    ByteBuffer data = room(Type.F64, values.length);
    data.asDoubleBuffer().put(values);
    return data;
  }

  static ByteBuffer fromLongs(String name, Type type, long[] values) {
    ByteBuffer data = room(type, values.length);
    for (long value : values) {
      switch (type) {
        case I64 -> data.putLong(value);
        case I32 -> data.putInt((int) within(name, type, value, -1L << 31, (1L << 31) - 1));
        case I16 -> data.putShort((short) within(name, type, value, -1L << 15, (1L << 15) - 1));
        case I8 -> data.put((byte) within(name, type, value, -128, 127));
        case U8 -> data.put((byte) within(name, type, value, 0, 255));
        case BOOL -> data.put((byte) within(name, type, value, 0, 1));
        default -> throw misuse(name, "I64, I32, I16, I8, U8 or BOOL", type);
      }
    }
    return data.rewind();
  }

  private static ByteBuffer room(Type type, int elements) {
    long bytes = (long) type.bytes() * elements;
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long within(String name, Type type, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "safetensors: tensor " + Names.quote(name) + " of type " + type
              + ": expected values in " + least + ".." + most + ", got " + value);
    }
    return value;
  }

  private static IllegalArgumentException misuse(String name, String expected, Type type) {
    return new IllegalArgumentException(
        "safetensors: tensor " + Names.quote(name) + ": expected type " + expected + ", got "
            + type);
  }
}
