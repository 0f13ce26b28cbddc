/** Training the models of a run, one after another or several at once, so that it can stop and go on at any moment. */
package io.sagitta.attack.shadow;
