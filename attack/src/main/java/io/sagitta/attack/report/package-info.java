/**
 * What an evaluation found, for machines (JSON, CSV) and for people (one HTML file that needs
 * nothing else, and its pictures).
 */
package io.sagitta.attack.report;
