/** ONNX models as targets, run by ONNX Runtime. */
package io.sagitta.attack.onnx;
